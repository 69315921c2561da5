/** Tests of the name of the user. */

import { expect, test } from "bun:test";
import { userName } from "./user_name.ts";

function nameWith(environment: Record<string, string>, system: string | undefined): string {
  return userName({ environment, systemName: () => system, userId: 1234 });
}

test("userName() takes the variables, then the system's name, then the number", () => {
  expect(nameWith({ USER: "ann", LOGNAME: "bob" }, "cy")).toBe("ann");
  expect(nameWith({ USER: "", LOGNAME: "bob" }, "cy")).toBe("bob");
  expect(nameWith({}, "cy")).toBe("cy");
  expect(nameWith({}, undefined)).toBe("1234");
});

test("userName() has a name for the user of this process", () => {
  expect(userName()).not.toBe("");
  expect(userName()).not.toBe("unknown");
});
