import { testScheduler } from "./conformance.ts";
import { createLocalScheduler } from "./local.ts";

testScheduler("local", createLocalScheduler);
