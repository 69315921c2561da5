/** The table of `strace -c`. */

import { expect, test } from "bun:test";
import { parseCalls } from "./strace.ts";

const TABLE = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 77.81    0.524203         820       639        12 epoll_pwait2
 12.20    0.082191          94       867           sendto
------ ----------- ----------- --------- --------- ----------------
100.00    0.673693         447      1506        12 total
`;

test("parseCalls() reads the counts, with and without errors", () => {
  expect(parseCalls(TABLE)).toEqual({ epoll_pwait2: 639, sendto: 867 });
  expect(parseCalls("")).toEqual({});
});
