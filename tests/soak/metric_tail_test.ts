/** The newest record of each process is found at the end of the newest file. */

import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gaugesOf, newestRecords } from "./metric_tail.ts";

function lineOf(process: string, timestamp: number, metrics: Record<string, string>): string {
  return JSON.stringify({ timestamp, source: `host:1/component/${process}`, metrics });
}

test("newestRecords() reads the ends of the files that were written last, and gaugesOf() sums them", () => {
  const folder = mkdtempSync(join(tmpdir(), "hb-tail-"));
  try {
    const metrics = join(folder, "logs", "metrics");
    mkdirSync(metrics, { recursive: true });
    const write = (name: string, text: string, atSecs: number): void => {
      writeFileSync(join(metrics, name), text);
      utimesSync(join(metrics, name), atSecs, atSecs);
    };
    const count = (value: number) => ({ "__execute-count/default": `${value}` });
    write("metricsmgr-1.json.1", `[${lineOf("bolt", 1, count(7))}]`, 100);
    // Begun anew after the last one, and longer than what is read.
    const old = Array.from({ length: 3000 }, (_, at) => lineOf("bolt", at, count(at))).join(",\n");
    const newest = lineOf("bolt", 9000, count(50));
    write("metricsmgr-1.json.0", `[${old},\n${newest},\n{"timestamp":90`, 200);
    const held = { "__server/__waiting_bytes": "30", "__gateway-in-stream-queue-bytes": "4" };
    write("metricsmgr-2.json.0", `[${lineOf("stmgr-2", 1, held)}`, 50);
    write("metricsmgr-3.json.0", `[${lineOf("s", 1, { "__pending-acked-count": "8" })}`, 50);
    const records = newestRecords(folder);
    expect(records.map(({ timestamp }) => timestamp).sort()).toEqual([1, 1, 9000]);
    expect(gaugesOf(records)).toEqual({ tuplesPerSecond: 50, openRoots: 8, heldBytes: 34 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
