/** What a service said, for people: its text when it has one, else its JSON. Charts are named: a terminal cannot show them. */
export function answerText(data: unknown): string {
  if (typeof data === 'string') return data;
  if (!isObject(data) || typeof data['text'] !== 'string') return JSON.stringify(data);
  const charts = isObject(data['result']) ? chartTitles(data['result']['charts']) : [];
  if (charts.length === 0) return data['text'];
  return `${data['text']}\n\nCharts in this answer, which the page shows: ${charts.join('; ')}.`;
}

function chartTitles(charts: unknown): string[] {
  if (!Array.isArray(charts)) return [];
  return charts.flatMap((chart: unknown) =>
    isObject(chart) && typeof chart['title'] === 'string' ? [chart['title']] : [],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
