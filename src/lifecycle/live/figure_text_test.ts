import { expect, test } from "bun:test";
import { formatAge, formatBytes, formatFigure, formatMs, formatShare } from "./figure_text.ts";

test("formatFigure() is short: six characters at most", () => {
  const figures = [undefined, Number.NaN, 0, 0.01, 0.25, 7, 9.96, 12.4, 950, 999.6, 1000, 45_230];
  expect(figures.map(formatFigure)).toEqual(
    ["-", "-", "0", "<0.1", "0.3", "7", "10", "12", "950", "1.00k", "1.00k", "45.2k"],
  );
  expect([999_960, 1.2e6, 3.45e9, 7e15].map(formatFigure)).toEqual(
    ["1.00M", "1.20M", "3.45G", "7000T"],
  );
});

test("formatBytes(), formatShare() and formatMs() say what is not known", () => {
  expect([undefined, 0, 812, 1024, 64 * 1024 * 1024, 3e12].map(formatBytes)).toEqual(
    ["-", "0 B", "812 B", "1.00 KiB", "64.0 MiB", "2.73 TiB"],
  );
  expect([undefined, 0, 0.004, 0.834, 4].map(formatShare)).toEqual([
    "-",
    "0%",
    "<1%",
    "83%",
    "400%",
  ]);
  expect([undefined, 0, 0.0001, 0.0042, 1.254, 31, 152.3, 15_200].map(formatMs)).toEqual(
    ["-", "0", "<.001", "0.004", "1.25", "31.0", "152", "15.2k"],
  );
});

test("formatAge() has two units", () => {
  expect([0, 12_900, 185_000, 7_380_000, 352_800_000].map(formatAge)).toEqual(
    ["0s", "12s", "3m05s", "2h03m", "4d02h"],
  );
});
