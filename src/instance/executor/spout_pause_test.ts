import { expect, test } from "bun:test";
import { SpoutPause } from "./spout_pause.ts";

test("SpoutPause is deactivated as the newest plan says", () => {
  const pause = new SpoutPause();
  expect(pause.isDeactivated).toBe(false);
  pause.takePlan({ version: 1, addressVersion: 3, isPaused: true });
  expect(pause.isDeactivated).toBe(true);
  pause.takePlan({ version: 1, addressVersion: 2, isPaused: false });
  expect(pause.isDeactivated).toBe(true);
  pause.takePlan({ version: 2, addressVersion: 1, isPaused: false });
  expect(pause.isDeactivated).toBe(false);
  pause.takePlan({ version: 1, addressVersion: 9, isPaused: true });
  expect(pause.isDeactivated).toBe(false);
});
