const sign = /\p{Sc}|\b(?:USD|EUR|GBP|JPY|CNY|CHF|dollars?|euros?)\b/iu;
const amountName = /cost|price|spend|saving|saved|currency|money|amount|per_?million/i;
/** Calls or tokens that are saved are counted, not paid. */
const countName = /(calls|tokens|requests)_?saved/i;

/**
 * Every place of a value that names an amount of money: a currency in a text, or a figure under a name such as `cost`. Texts that only
 * speak of costs are none.
 */
export function moneyIn(value: unknown, path = '$', name = ''): string[] {
  if (typeof value === 'string') return sign.test(value) || /currency/i.test(name) ? [`${path}: ${value}`] : [];
  if (typeof value === 'number') return amountName.test(name) && !countName.test(name) ? [`${path}: ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = Array.isArray(value) ? name : key;
    return [...(sign.test(own) ? [`${path}: ${own}`] : []), ...moneyIn(inner, `${path}.${key}`, own)];
  });
}
