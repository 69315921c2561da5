import { expect, test } from "bun:test";
import { join } from "node:path";
import { RUNTIME_OPTIONS } from "../src/base/mod.ts";

/** Runs `script` in a process that was started with the options, and returns what it printed. */
function printedBy(script: string): string {
  const module = JSON.stringify(join(import.meta.dir, "own_options.ts"));
  const code = `import { hideOwnOptions } from ${module}; hideOwnOptions(); ${script}`;
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", code], {
    env: { ...RUNTIME_OPTIONS, PATH: process.env["PATH"], LEFT: "yes" },
  });
  expect(stderr.toString()).toBe("");
  return stdout.toString();
}

const START = {
  "Bun.spawn": `console.log(await new Response(Bun.spawn(["env"]).stdout).text())`,
  "Bun.spawn with options alone": `Bun.spawn({ cmd: ["env"], stdout: "inherit" })`,
  "Bun.spawnSync": `console.log(Bun.spawnSync(["env"], { stdin: "ignore" }).stdout.toString())`,
  "Bun.spawnSync with options alone":
    `console.log(Bun.spawnSync({ cmd: ["env"], env: undefined }).stdout.toString())`,
  "Bun.$": "await Bun.$`env`",
  "node:child_process":
    `console.log((await import("node:child_process")).spawnSync("env").stdout.toString())`,
  "process.env": "for (const one of Object.entries(process.env)) console.log(one.join('='))",
};

test.each(Object.entries(START))("hideOwnOptions leaves the rest to %s", (_name, script) => {
  const printed = printedBy(script);
  expect(printed).toContain("LEFT=yes\n");
  for (const name of Object.keys(RUNTIME_OPTIONS)) expect(printed).not.toContain(name);
});

test("hideOwnOptions lets user code give a child another environment, and see it fail", () => {
  const given =
    `console.log(Bun.spawnSync(["/usr/bin/env"], { env: { A: "1" } }).stdout.toString())`;
  expect(printedBy(given).trim()).toBe("A=1");
  const wrong = `try { Bun.spawn(["no-such-command"], {}) } catch ({ code }) { console.log(code) }
    try { Bun.spawn("env") } catch (thrown) { console.log(thrown instanceof TypeError) }`;
  expect(printedBy(wrong)).toBe("ENOENT\ntrue\n");
});
