import { expect, test } from "bun:test";
import { decodeLease, encodeLease, type LeaseRecord } from "./lease_record.ts";

const RECORD: LeaseRecord = {
  holder: "tm",
  nonce: "0a",
  epoch: 3,
  renewal: 7,
  durationMs: 9000,
  released: false,
};

test("decodeLease() undoes encodeLease()", () => {
  expect(decodeLease(encodeLease(RECORD))).toEqual(RECORD);
  const living = { ...RECORD, life: { party: "tm", epoch: 2, counter: 1 } };
  expect(decodeLease(encodeLease(living))).toEqual(living);
});

test("decodeLease() refuses everything else as corrupt", () => {
  const whole = encodeLease(RECORD);
  const cut = Array.from({ length: whole.length - 1 }, (_, end) => whole.subarray(0, end));
  const wrong = [null, 1, [], {}, { ...RECORD, epoch: -1 }, { ...RECORD, durationMs: 0.5 }]
    .concat({ ...RECORD, epoch: "3" } as never, { ...RECORD, released: 0 } as never) // wrong on purpose
    .concat({ ...RECORD, life: "2.1" } as never, { ...RECORD, life: { epoch: 2 } } as never) // again
    .map((value) => new TextEncoder().encode(JSON.stringify(value)));
  for (const bytes of [...cut, ...wrong, Uint8Array.of(0xff)]) {
    if (bytes.length === whole.length - 1) continue; // only the line feed is cut
    expect(() => decodeLease(bytes)).toThrow("Read a lease: found another record");
  }
});
