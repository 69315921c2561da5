/** Tests of what variables stand for. */

import { expect, test } from "bun:test";
import { expand } from "./expand.ts";

const NAMES = {
  cluster: "hpc",
  role: "ann",
  environ: "prod",
  home: "/home/ann",
  user: "ann",
  environment: { SCRATCH: "/scratch/ann", EMPTY: "", HOME: "/elsewhere", ROLE: "other" },
};

test("expand() puts in the names of a cluster, then those of the environment", () => {
  const text = "${SCRATCH}/${CLUSTER}/${ROLE}/${ENVIRON}/${USER}${HOME}";
  expect(expand(text, "names", NAMES))
    .toEqual({ value: "/scratch/ann/hpc/ann/prod/ann/home/ann" });
  expect(expand("$SCRATCH ${1} ${} $${USER}", "names", NAMES))
    .toEqual({ value: "$SCRATCH ${1} ${} $ann" });
});

test("expand() puts in the home folder only at the begin of a folder", () => {
  expect(expand("~/a/~", "home", NAMES)).toEqual({ value: "/home/ann/a/~" });
  expect(expand("~", "home", NAMES)).toEqual({ value: "/home/ann" });
  expect(expand("~bob/a", "home", NAMES)).toEqual({ value: "~bob/a" });
  expect(expand("~/a", "names", NAMES)).toEqual({ value: "~/a" });
});

test("expand() names what is not set, and takes an empty variable for that", () => {
  expect(expand("/a/${WORK}/${NO}", "home", NAMES)).toEqual({ missing: "${WORK}" });
  expect(expand("/a/${EMPTY}", "home", NAMES)).toEqual({ missing: "${EMPTY}" });
  expect(expand(["a", "${NO}"], "names", NAMES)).toEqual({ missing: "${NO}" });
  expect(expand("${constructor}", "names", { ...NAMES, environment: Object.create(null) }))
    .toEqual({ missing: "${constructor}" });
});

test("expand() leaves alone what takes no variables, and what is no text", () => {
  expect(expand("${NO}", "none", NAMES)).toEqual({ value: "${NO}" });
  expect(expand(7, "names", NAMES)).toEqual({ value: 7 });
  expect(expand(["${ROLE}", 1], "names", NAMES)).toEqual({ value: ["ann", 1] });
});
