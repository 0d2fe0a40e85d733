/** Something in a catalog that cannot be taken as it is. */
export type CatalogFault = {
  /** Keys and list positions from the root: `['services', 'a', 'dependsOn', 1]`. It may name a key that is absent and has a default. */
  path: (string | number)[];
  found: string;
  expected: string;
  /** `found …, expected …`, and why where that is not plain. */
  message: string;
};

export function fault(path: (string | number)[], found: string, expected: string, why?: string): CatalogFault {
  const message = `found ${found}, expected ${expected}`;
  return { path, found, expected, message: why === undefined ? message : `${message}: ${why}` };
}
