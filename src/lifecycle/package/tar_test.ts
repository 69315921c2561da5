import { expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError, seededRandom } from "../../base/mod.ts";
import { readTar, type TarFile, type TarLimits, writeTar } from "./tar.ts";

const LIMITS: TarLimits = { filesMax: 100, bytesMax: 1_000_000 };
const BLOCK = 512;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const FILES: readonly TarFile[] = [
  { path: "a", bytes: bytes("one") },
  { path: "folder/b ö.js", bytes: new Uint8Array(BLOCK).fill(7) },
  { path: "empty", bytes: new Uint8Array() },
  { path: `${"long/".repeat(20)}${"n".repeat(90)}`, bytes: bytes("deep") },
  { path: "run", bytes: bytes("#!"), isExecutable: true },
];

function faultOf(archive: Uint8Array, limits = LIMITS): string {
  try {
    readTar(archive, limits);
  } catch (thrown) {
    if (thrown instanceof HeronError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return "none";
}

/** An archive of one file whose header was changed, with the checksum that fits. */
function changed(change: (header: Uint8Array) => void, files = FILES.slice(0, 1)): Uint8Array {
  const archive = writeTar(files);
  const header = archive.subarray(0, BLOCK);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(bytes(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return archive;
}

function put(at: number, text: string): (header: Uint8Array) => void {
  return (header) => header.set(bytes(text), at);
}

test("readTar() gives what writeTar() was given", () => {
  expect(readTar(writeTar(FILES), LIMITS)).toEqual(
    FILES.map((file) => ({ isExecutable: false, ...file })),
  );
  expect(readTar(writeTar([]), LIMITS)).toEqual([]);
});

test("writeTar() writes what tar reads, and readTar() reads what tar writes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-tar-"));
  try {
    await writeFile(join(folder, "ours.tar"), writeTar(FILES));
    const listed = Bun.spawnSync(["tar", "tf", "ours.tar"], { cwd: folder });
    expect(listed.stdout.toString().trim().split("\n").length).toBe(FILES.length);
    await writeFile(join(folder, "a.txt"), "text");
    Bun.spawnSync(["tar", "--format=ustar", "-cf", "theirs.tar", "a.txt"], { cwd: folder });
    const [file] = readTar(new Uint8Array(await readFile(join(folder, "theirs.tar"))), LIMITS);
    expect(file).toEqual({ path: "a.txt", bytes: bytes("text"), isExecutable: false });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("readTar() refuses paths that lead away", () => {
  for (const path of ["/etc/x", "../x", "a/../../x", "a/./b", "a//b", "a\\b", "a\nb", ""]) {
    const archive = changed((header) => {
      header.fill(0, 0, 100);
      put(0, path)(header);
    });
    expect(faultOf(archive)).toBe(
      `corrupt: Read the package: found the path ${
        JSON.stringify(path)
      }, expected one inside the package`,
    );
  }
});

test("readTar() refuses links, folders, devices and what it does not know", () => {
  for (const kind of ["1", "2", "3", "4", "5", "6", "x", "g", "L", "K"]) {
    expect(faultOf(changed(put(156, kind)))).toBe(
      `corrupt: Read the package: found "a" of kind "${kind}", expected plain files only`,
    );
  }
});

test("readTar() refuses two files of one path, and too many or too large ones", () => {
  const twice = [{ path: "a", bytes: bytes("1") }, { path: "a", bytes: bytes("2") }];
  expect(faultOf(writeTar(twice))).toBe(
    'corrupt: Read the package: found "a" twice, expected it once',
  );
  expect(faultOf(writeTar(FILES), { filesMax: 4, bytesMax: 1_000_000 })).toStartWith("limit: ");
  expect(faultOf(writeTar(FILES), { filesMax: 100, bytesMax: 514 })).toStartWith("limit: ");
});

test("readTar() takes no size that is more than there is", () => {
  expect(faultOf(changed(put(124, "77777777777\0")))).toContain("cut off");
  expect(faultOf(changed(put(124, "-1         \0")))).toContain("in place of a number");
});

test("readTar() of an archive cut at any byte, or with any byte changed, gives less or refuses", () => {
  const archive = writeTar(FILES);
  const whole = readTar(archive, LIMITS);
  for (let cut = 0; cut < archive.length; cut++) {
    try {
      const found = readTar(archive.subarray(0, cut), LIMITS);
      expect(found).toEqual(whole.slice(0, found.length));
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: "corrupt" });
    }
  }
  const random = seededRandom(7);
  for (let round = 0; round < 3000; round++) {
    const soiled = archive.slice();
    const at = random.below(soiled.length);
    soiled[at] = (soiled[at] ?? 0) ^ (1 + random.below(255));
    try {
      for (const { path } of readTar(soiled, LIMITS)) expect(path).not.toContain("..");
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(HeronError);
    }
  }
});

test("writeTar() refuses a path that no archive has place for", () => {
  const path = "n".repeat(101);
  expect(() => writeTar([{ path, bytes: new Uint8Array() }])).toThrow(
    `Pack "${path}": found a path too long for an archive, expected names of at most 100 bytes`,
  );
});
