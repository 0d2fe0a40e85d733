import { z } from 'zod';

/** A table comes as text once; later calls of the same session may name it by the `ref` that `describe_data` returned. */
export const tableArgument = z.union([
  z.strictObject({
    content: z.string().describe('The whole file as text'),
    format: z
      .enum(['csv', 'json'])
      .optional()
      .describe('Recognised by content when absent; csv also stands for ; tab and |'),
    name: z.string().max(300).optional().describe('File name, only repeated in results'),
  }),
  z.strictObject({ ref: z.string().regex(/^[0-9a-f]{64}$/, 'a ref is 64 hexadecimal digits') }),
]);
export type TableArgument = z.infer<typeof tableArgument>;
