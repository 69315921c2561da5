/**
 * What a machine can check of the project's style: files in, faults out. The
 * rules are in tidy/, one file a subject; reading the disk is left to the
 * caller.
 */

import { effectFaults, exportedAsyncFunctions } from "./tidy/effect_rules.ts";
import { EXCEPTIONS, type Exceptions } from "./tidy/exceptions.ts";
import { formFaults } from "./tidy/form_rules.ts";
import { importFaults, type Repository } from "./tidy/import_rules.ts";
import { type Fault, parseSource, type Source } from "./tidy/source.ts";
import { syntaxFaults } from "./tidy/syntax_rules.ts";
import { textFaults } from "./tidy/text_rules.ts";
import { wholeFaults } from "./tidy/whole_rules.ts";

/** Every fault of `files` (path in the repository -> text), by path and line. */
export function check(
  files: ReadonlyMap<string, string>,
  exceptions: Exceptions = EXCEPTIONS,
): Fault[] {
  const sources = new Map<string, Source>();
  for (const [path, text] of files) {
    if (path.endsWith(".ts")) sources.set(path, parseSource(path, text));
  }
  const repository = { sources, packages: packagesOf(files.get("package.json")), exceptions };
  const faults = [...files].flatMap(([path, text]) => textFaults(path, text, exceptions));
  faults.push(...wholeFaults(repository), ...[...sources.values()].flatMap(each(repository)));
  return faults.sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
}

/** A fault as one line: `path:line rule message`. */
export function describeFault({ path, line, rule, message }: Fault): string {
  return `${path}:${line} ${rule} ${message}`;
}

function each(repository: Repository): (source: Source) => Fault[] {
  const { sources, exceptions } = repository;
  const asyncFunctions = new Set([...sources.values()].flatMap(exportedAsyncFunctions));
  return (source) => [
    ...syntaxFaults(source),
    ...effectFaults(source, { asyncFunctions, exceptions }),
    ...formFaults(source, exceptions),
    ...importFaults(source, repository),
  ];
}

function packagesOf(packageJson: string | undefined): ReadonlySet<string> | undefined {
  if (packageJson === undefined) return undefined;
  return new Set(Object.keys(JSON.parse(packageJson).dependencies ?? {}));
}
