// What measured values come to: medians, ratios, and whether a target was reached.

/**
 * The values of one measurement, in order.
 *
 * @typedef {object} Series
 * @property {string} unit
 * @property {number[]} values never empty
 */

/**
 * @typedef {object} Part
 * @property {number} rounds
 * @property {Record<string, Series>} series by the name of the measurement
 */

/**
 * @typedef {object} Figures
 * @property {string} unit
 * @property {number} values how many there are
 * @property {number} least
 * @property {number} median
 * @property {number} p90
 * @property {number} p99
 */

/**
 * A claim about a series: a figure of it, or with `beside` its ratio to another series of the same rounds.
 *
 * @typedef {object} Statement
 * @property {string} of
 * @property {string} [beside]
 * @property {"median" | "p90" | "p99" | "most"} [figure] of a series; the median when left out
 * @property {number} [atMost] the target; without one the figure is only reported
 */

/**
 * @typedef {object} Stated
 * @property {string} of
 * @property {string} figure "ratio" and the peer's name, or the figure and its unit
 * @property {number} measured
 * @property {number | null} target
 * @property {"reached" | "missed" | null} verdict null where there is no target
 */

/**
 * @param {Series} series
 * @returns {Figures}
 */
export function figures({ unit, values }) {
  return {
    unit,
    values: values.length,
    least: quantile(values, 0),
    median: quantile(values, 0.5),
    p90: quantile(values, 0.9),
    p99: quantile(values, 0.99),
  };
}

/**
 * Return a quantile of sorted values: the smallest value that this share of them does not exceed; the median of an even
 * number is the mean of the middle two.
 *
 * @param {readonly number[]} values
 * @param {number} share from 0 to 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((left, right) => left - right);
  const index = Math.max(0, Math.ceil(share * sorted.length) - 1);
  const one = sorted[index] ?? Number.NaN;
  const isBetween = share === 0.5 && sorted.length % 2 === 0;
  return isBetween ? (one + (sorted[index + 1] ?? one)) / 2 : one;
}

/**
 * Return the median of the ratios of all rounds: whatever slowed a round down slowed both.
 *
 * @param {Series} series
 * @param {Series} peer
 */
export function ratio(series, peer) {
  if (series.values.length !== peer.values.length) {
    throw new Error("a ratio needs two series of the same rounds");
  }
  return quantile(series.values.map((value, round) => value / (peer.values[round] ?? Number.NaN)), 0.5);
}

/**
 * @param {Part} part
 * @param {Statement} statement
 * @returns {Stated}
 */
export function stated({ series }, { of, beside, figure = "median", atMost }) {
  const own = known(series, of);
  const measured = beside === undefined ? quantile(own.values, shares[figure]) : ratio(own, known(series, beside));
  return {
    of,
    figure: beside === undefined ? `${figure}, ${own.unit}` : `ratio to ${beside}`,
    measured,
    target: atMost ?? null,
    verdict: atMost === undefined ? null : measured <= atMost ? "reached" : "missed",
  };
}

const shares = { median: 0.5, p90: 0.9, p99: 0.99, most: 1 };

/**
 * @param {Record<string, Series>} series
 * @param {string} name
 */
function known(series, name) {
  const found = series[name];
  if (found === undefined) {
    throw new Error(`"${name}" was not measured`);
  }
  return found;
}

/**
 * Format rows below their headings, columns aligned: the first to the left, numbers to the right.
 *
 * @param {readonly string[]} headings
 * @param {readonly (readonly string[])[]} rows
 */
export function table(headings, rows) {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  /** @param {readonly string[]} row */
  const line = (row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column > 0 && /^[\d.]*$/.test(rows[0]?.[column] ?? "") ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}

/**
 * Format a number for a person: with three digits, or all before the point.
 *
 * @param {number} value
 */
export function readable(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
