import { InvalidToolInputError, JSONParseError, NoSuchToolError } from 'ai';

/** What is wrong with a tool call, in a sentence that lets a model correct it. */
export function toolCallFault(tool: string, error: unknown): string {
  if (NoSuchToolError.isInstance(error)) return `There is no tool ${JSON.stringify(tool)}.`;
  if (!InvalidToolInputError.isInstance(error)) return `The call of ${JSON.stringify(tool)} cannot be read.`;
  let root: unknown = error.cause;
  for (; root instanceof Error && root.cause !== undefined; root = root.cause) {
    if (JSONParseError.isInstance(root)) return `The arguments of ${tool} are no JSON.`;
  }
  const why = root instanceof Error ? root.message.replace(/\s+/g, ' ') : 'they do not fit its schema';
  return `The arguments of ${tool} are not right: ${why}.`;
}
