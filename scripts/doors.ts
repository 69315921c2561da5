/**
 * Imports through the doors of rooms (`mod.ts`), led straight to the modules behind them. The bundler
 * gives a role all that a door names, once some other role wants it: with this, a role loads what
 * it uses.
 */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A name in the braces of an import or export. */
interface Named {
  /** As the module calls it. */
  readonly name: string;
  /** As it is called outside, or where it is imported. */
  readonly as: string;
  readonly isType: boolean;
}

const FROM = /^(import|export)( type)? \{([^}]*)\} from "(\.[^"]+)";/gm;
const AWAITED = /\{ (\w+) \} = await import\("(\.[^"]+\/mod\.ts)"\)/g;

/** Where a value is exported that a door names. */
interface Place {
  readonly file: string;
  readonly name: string;
}

/** Leads the imports of modules straight; it reads each door once. */
export class Doors {
  readonly #read: (file: string) => string;
  readonly #doors = new Map<string, ReadonlyMap<string, Place>>();

  /** @param read the text of a file, by its absolute path */
  constructor(read = (file: string): string => readFileSync(file, "utf8")) {
    this.#read = read;
  }

  /** The text of the module `file`, its lines where they were. Types are left out: nobody loads them. */
  straighten(file: string, text: string): string {
    const folder = dirname(file);
    const led = text.replace(FROM, (all: string, ...found: (string | undefined)[]) => {
      const [word, type, names = "", from = ""] = found;
      if (word !== "import" || type !== undefined || !from.endsWith("/mod.ts")) return all;
      const imports = this.#placesOf(join(folder, from), names)
        .map(({ as, place }) =>
          `import { ${place.name} as ${as} } from "${pathTo(folder, place)}";`
        );
      return imports.join(" ") + "\n".repeat(all.split("\n").length - 1);
    });
    return led.replace(AWAITED, (all: string, name: string, from: string) => {
      const place = this.#behind(join(folder, from)).get(name);
      return place?.name === name ? all.replace(from, pathTo(folder, place)) : all;
    });
  }

  #placesOf(door: string, names: string): { readonly as: string; readonly place: Place }[] {
    const behind = this.#behind(door);
    return namesIn(names).filter(({ isType }) => !isType)
      .map(({ name, as }) => ({ as, place: behind.get(name) ?? { file: door, name } }));
  }

  /** What a door names, and where it is; through further doors. */
  #behind(door: string): ReadonlyMap<string, Place> {
    const known = this.#doors.get(door);
    if (known !== undefined) return known;
    const places = new Map<string, Place>();
    for (const [, word, type, names = "", from = ""] of this.#read(door).matchAll(FROM)) {
      if (word !== "export" || type !== undefined) continue;
      const file = join(dirname(door), from);
      const further = file.endsWith("/mod.ts") ? this.#behind(file) : undefined;
      for (const { name, as, isType } of namesIn(names)) {
        if (!isType) places.set(as, further?.get(name) ?? { file, name });
      }
    }
    this.#doors.set(door, places);
    return places;
  }
}

function namesIn(text: string): Named[] {
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return words.map((word) => {
    const [name = "", as = name] = word.replace(/^type /, "").split(" as ");
    return { name, as, isType: word.startsWith("type ") };
  });
}

function pathTo(folder: string, { file }: Place): string {
  const path = relative(folder, file);
  return path.startsWith(".") ? path : `./${path}`;
}
