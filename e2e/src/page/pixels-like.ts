/** What a browser has and Node does not, as far as it is used here. */
interface InBrowser {
  createImageBitmap(of: Blob): Promise<{ width: number; height: number }>;
  OffscreenCanvas: new (
    width: number,
    height: number,
  ) => {
    getContext(kind: '2d'): {
      drawImage(image: object, x: number, y: number): void;
      getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
    } | null;
  };
}

/** Runs in the browser: how many pixels of a picture have this colour, or one that nobody could tell from it. */
export async function pixelsLike({ png, ink }: { png: string; ink: number[] }): Promise<number> {
  const { createImageBitmap, OffscreenCanvas } = globalThis as unknown as InBrowser;
  const bytes = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no canvas');
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (ink.every((value, channel) => Math.abs((data[at + channel] ?? 0) - value) <= 6)) found += 1;
  }
  return found;
}
