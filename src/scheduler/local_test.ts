import { systemClock } from "../base/mod.ts";
import { testScheduler } from "./conformance.ts";
import { createLocalScheduler } from "./local.ts";

testScheduler("local", () => createLocalScheduler(systemClock));
