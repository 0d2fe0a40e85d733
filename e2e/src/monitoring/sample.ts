/** One line of a page of metrics, as Prometheus reads it. */
export type Sample = { name: string; labels: Record<string, string>; value: number };

export function samplesOf(page: string): Sample[] {
  return [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    ...{ name, labels: labelsOf(labels), value: Number(value) },
  }));
}

function labelsOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g);
  return Object.fromEntries([...pairs].map(([, label = '', quoted = '']) => [label, JSON.parse(quoted) as string]));
}
