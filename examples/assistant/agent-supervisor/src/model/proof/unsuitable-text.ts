/** By which stand-ins are known; the content rules of the catalog would block the whole answer. */
const STAND_IN = /^\s*(?:agent processed|processing) your message:|degraded\s+functionality/i;
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Links and images could carry data to wherever a cell of the table says, HTML anything at all. In backticks they do nothing. */
const LINK = /\]\s*[(:[]|\b(?:https?|ftp|data|javascript):|\bwww\./i;
const HTML = /<\/?[a-z!?]/i;
const CODE = /(`{1,3})[^`\n]+\1(?!`)/g;
const CURRENCY = String.raw`(?:\p{Sc}|\b(?:USD|EUR|GBP|JPY|CNY|CHF|INR|dollars?|euros?|pounds?|cents?)\b)`;
const MONEY = new RegExp(String.raw`${CURRENCY}[\s*_]{0,4}\d|\d[\s*_]{0,4}${CURRENCY}`, 'iu');

/** What an answer may not hold, beside figures that no tool gave: each in a sentence that tells the model what to change. */
export function unsuitableIn(text: string, of: { mostCharacters: number; hasMoney: boolean }): string[] {
  const bare = text.normalize('NFKC').replace(INVISIBLE, '');
  const running = bare.replace(CODE, ' ');
  return [
    ...(text.length > of.mostCharacters ? [`It is longer than ${of.mostCharacters} characters.`] : []),
    ...(LINK.test(running) ? ['It holds a link or an image.'] : []),
    ...(HTML.test(running) ? ['It holds HTML.'] : []),
    ...(!of.hasMoney && MONEY.test(bare) ? ['It states an amount of money, and no tool gave one.'] : []),
    ...(STAND_IN.test(bare) ? ['It holds words by which answers that are none are known; say it in other words.'] : []),
  ];
}
