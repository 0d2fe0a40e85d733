/** A made-up table, the same at each call: three models, fifty users, a request every 0.4 s on average. */
export function largeTable(rows: number): string {
  let seed = 7;
  const next = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  let at = Date.UTC(2024, 0, 1);
  const lines = Array.from({ length: rows }, (_, row) => {
    at += Math.floor(next() * 780);
    return `${at},m${row % 3},u${row % 50},${Math.floor(next() ** 2 * 7435) + 3},${Math.floor(next() ** 8 * 1890) + 6}`;
  });
  return ['time,model,user,input_tokens,output_tokens', ...lines].join('\n');
}
