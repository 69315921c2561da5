/** Door of `testing`: what `heron-bin/testing` gives to users, and its machinery to nobody. */

export type { MockEmit, MockTuple, RunLimit, TestTopologyOptions } from "./options.ts";
export type { AckedTuple, FailedTuple, ReportedError, TestInput, TestOutput } from "./records.ts";
export { createTestTopology, type TestTopology } from "./test_topology.ts";
export type { UserTopology } from "./topology_copies.ts";
