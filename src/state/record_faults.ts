/**
 * What can be wrong with a call on the state store, in the same words for all members.
 * Faults of the machine below a member are translated by that member.
 */

import { HeronError } from "../base/mod.ts";
import { RECORD_BYTES_MAX, type Version } from "./state_manager.ts";

/** The error of `create` when `found` is in the way. */
export function alreadyExists(path: string, found: string = path): HeronError {
  return new HeronError("already_exists", `Create "${path}": found "${found}", expected none`);
}

/** The error of `set` when there is no record. */
export function notFound(path: string): HeronError {
  return new HeronError("not_found", `Set "${path}": found none, expected a record`);
}

/** The error of a member that was closed. */
export function storeClosed(): TypeError {
  return new TypeError("Using the state store: found it closed, expected it open");
}

/** Checks the size of a record. @throws {HeronError} `limit` */
export function checkSize(path: string, length: number): void {
  if (length <= RECORD_BYTES_MAX) return;
  throw new HeronError(
    "limit",
    `Using record "${path}": found "${length}" bytes, expected at most "${RECORD_BYTES_MAX}"`,
  );
}

/** Checks that the version is the expected one. @throws {HeronError} `version_conflict` */
export function checkVersion(path: string, found: Version, expected: Version | "any"): void {
  if (expected === "any" || expected === found) return;
  throw new HeronError(
    "version_conflict",
    `Changing "${path}": found version "${found}", expected "${expected}"`,
  );
}
