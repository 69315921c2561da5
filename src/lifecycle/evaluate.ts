/**
 * Inside the define process: imports the bundle, calls its default export
 * with the user's arguments and tells what came out. `open` and `prepare`
 * never run here.
 */

import { dirname } from "node:path";
import type { TopologyDefinition } from "../api/mod.ts";
import { type ErrorCode, HeronError } from "../base/mod.ts";
import { callFactory, importBundle, registerUserApi } from "../plan/mod.ts";
import { copyAssets, readAssetNames } from "./assets.ts";
import { shiftWorld, type WorldShift } from "./shifted_world.ts";

/** What the define process is asked; travels as JSON. */
export interface DefineRequest {
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Folder of the topology file, where its assets are. */
  readonly sourceFolder: string;
  readonly arguments: readonly string[];
  readonly world: WorldShift;
}

/** What the define process answers; travels as JSON. */
export type DefineAnswer =
  | {
    readonly ok: true;
    readonly definition: TopologyDefinition;
    readonly assets: readonly string[];
  }
  | {
    readonly ok: false;
    readonly code: ErrorCode;
    readonly message: string;
    /** Stack of what user code threw; empty when it threw nothing. */
    readonly stack: string;
  };

/** Builds the topology of `request`; every fault is an answer. */
export async function evaluateDefinition(request: DefineRequest): Promise<DefineAnswer> {
  try {
    registerUserApi();
    shiftWorld(request.world);
    const module = await importBundle(request.bundle);
    const assets = readAssetNames(module["assets"]);
    await copyAssets(assets, request.sourceFolder, dirname(request.bundle));
    const topology = await callFactory(module["default"], request.arguments);
    return { ok: true, definition: topology.definition, assets };
  } catch (thrown) {
    return answerOfThrown(thrown);
  }
}

/** The answer for anything thrown: our own errors keep their code, all else is the user's. */
export function answerOfThrown(thrown: unknown): DefineAnswer {
  const stack = thrown instanceof Error ? thrown.stack ?? "" : "";
  if (thrown instanceof HeronError) {
    return { ok: false, code: thrown.code, message: thrown.message, stack };
  }
  const message = thrown instanceof Error
    ? `${thrown.name}: ${thrown.message}`
    : `thrown: ${Bun.inspect(thrown)}`;
  return { ok: false, code: "user_code", message, stack };
}
