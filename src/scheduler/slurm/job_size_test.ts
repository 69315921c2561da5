import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { PackingPlanSchema } from "../../base/gen/heron/packing_plan_pb.ts";
import { containerSizesOf, jobSizeOf, sizeText } from "./job_size.ts";

const MIB = 1024 * 1024;

/** Container 0 and workers, each of `[cpus, MiB]`. */
function sizesOf(...workers: readonly (readonly [cpus: number, ramMib: number])[]) {
  const master = { container: 0, cpus: 1, ramBytes: 512 * MIB };
  return [
    master,
    ...workers.map(([cpus, ramMib], at) => ({ container: at + 1, cpus, ramBytes: ramMib * MIB })),
  ];
}

test("containerSizesOf() has whole CPUs for each container, and container 0 first", () => {
  const disk = 0n;
  const plan = create(PackingPlanSchema, {
    id: "words-1",
    containerPlans: [
      { id: 1, requiredResource: { cpu: 2.5, ram: 3n, disk } },
      { id: 4, requiredResource: { cpu: 0.1, ram: 4n, disk } },
    ],
  });
  expect(containerSizesOf(plan)).toEqual([
    { container: 0, cpus: 1, ramBytes: 512 * MIB },
    { container: 1, cpus: 3, ramBytes: 3 },
    { container: 4, cpus: 1, ramBytes: 4 },
  ]);
});

test("jobSizeOf() lets container 0 share the place of a worker that is large", () => {
  expect(jobSizeOf(sizesOf([2, 4096], [4, 3000]))).toEqual({
    tasks: 2,
    cpusPerTask: 4,
    ramMibPerCpu: (4096 + 512) / 4,
    masterHasPlace: false,
  });
});

test("jobSizeOf() gives container 0 a place where that costs less memory", () => {
  expect(jobSizeOf(sizesOf([1, 1000], [1, 1000], [1, 1001]))).toEqual({
    tasks: 4,
    cpusPerTask: 1,
    ramMibPerCpu: 1001,
    masterHasPlace: true,
  });
  // Which then is large enough for it.
  expect(jobSizeOf(sizesOf([3, 100]))).toMatchObject({
    tasks: 2,
    ramMibPerCpu: Math.ceil(512 / 3),
  });
  expect(jobSizeOf(sizesOf())).toMatchObject({ tasks: 1, cpusPerTask: 1, ramMibPerCpu: 512 });
});

test("sizeText() says what a job asks for", () => {
  expect(sizeText(jobSizeOf(sizesOf([2, 4096], [4, 3000])))).toBe(
    "2 places of 4 CPUs and 4608 MiB",
  );
  expect(sizeText(jobSizeOf(sizesOf()))).toBe("1 place of 1 CPU and 512 MiB");
});
