/** What every uploader must do; a member's test calls this with itself. */

import { expect, test } from "bun:test";
import type { Uploader } from "./uploader.ts";

const NAME = "word-count-1.tar.gz";
const BYTES = new Uint8Array(100_000).map((_, at) => at % 251);

/** Declares the tests of uploader `name`; each gets one that keeps nothing yet. */
export function testUploader(name: string, create: () => Promise<Uploader>): void {
  test(`${name}: what was uploaded is downloaded byte for byte`, async () => {
    const uploader = await create();
    const uri = await uploader.upload(NAME, BYTES);
    expect(await uploader.download(uri)).toEqual(BYTES);
    const empty = await uploader.upload("empty.tar.gz", new Uint8Array());
    expect(await uploader.download(empty)).toEqual(new Uint8Array());
  });

  test(`${name}: nothing is replaced`, async () => {
    const uploader = await create();
    const uri = await uploader.upload(NAME, BYTES);
    const again = uploader.upload(NAME, new Uint8Array([1]));
    await expect(again).rejects.toMatchObject({ code: "already_exists" });
    expect(await uploader.download(uri)).toEqual(BYTES);
  });

  test(`${name}: of many that upload the same name one succeeds, and all of its bytes are there`, async () => {
    const uploader = await create();
    const uploads = Array.from(
      { length: 8 },
      (_, index) => uploader.upload(NAME, new Uint8Array(50_000).fill(index)),
    );
    const settled = await Promise.allSettled(uploads);
    const winner = settled.findIndex(({ status }) => status === "fulfilled");
    expect(settled.filter(({ status }) => status === "fulfilled").length).toBe(1);
    const won = settled[winner];
    if (won?.status !== "fulfilled") throw new Error("none succeeded");
    expect(await uploader.download(won.value)).toEqual(new Uint8Array(50_000).fill(winner));
  });

  test(`${name}: a removed package is gone, and can be removed again and uploaded again`, async () => {
    const uploader = await create();
    const uri = await uploader.upload(NAME, BYTES);
    expect(await uploader.remove(uri)).toBe(true);
    expect(await uploader.remove(uri)).toBe(false);
    await expect(uploader.download(uri)).rejects.toMatchObject({ code: "not_found" });
    expect(await uploader.download(await uploader.upload(NAME, BYTES))).toEqual(BYTES);
  });

  test(`${name}: names and places that are not its own are refused`, async () => {
    const uploader = await create();
    for (const name of ["../x", "a/b", ".x"]) {
      await expect(uploader.upload(name, BYTES)).rejects.toBeInstanceOf(RangeError);
    }
    for (const uri of ["", "file:///etc/passwd", "http://127.0.0.1/x"]) {
      await expect(uploader.download(uri)).rejects.toMatchObject({ code: "usage" });
      await expect(uploader.remove(uri)).rejects.toMatchObject({ code: "usage" });
    }
  });
}
