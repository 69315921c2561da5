import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { PartySchema, ProcessFailedSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { LastWords } from "./last_words.ts";

function failed(id: string, counter: number, message: string) {
  return create(ProcessFailedSchema, {
    party: { id, incarnation: { epoch: 1, counter } },
    code: "user_code",
    message,
  });
}

test("LastWords gives the words of a life once", () => {
  const words = new LastWords();
  words.add(failed("a", 1, "first"));
  words.add(failed("a", 2, "second"));
  const party = create(PartySchema, { id: "a", incarnation: { epoch: 1, counter: 1 } });
  expect(words.take({ party })?.message).toBe("first");
  expect(words.take({ party })).toBeUndefined();
  expect(words.take({ party: failed("a", 2, "").party })?.message).toBe("second");
});

test("LastWords forgets the oldest of very many", () => {
  const words = new LastWords();
  for (let counter = 0; counter <= 10_000; counter++) words.add(failed("a", counter, ""));
  expect(words.take(failed("a", 0, ""))).toBeUndefined();
  expect(words.take(failed("a", 1, ""))).toBeDefined();
});
