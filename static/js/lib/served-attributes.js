/** What the server's models read from a face. */

/** Whether one of them reads `attribute`, such as `mask`. */
export const serves = (status, attribute) =>
  Object.values(status?.models ?? {}).some(({ attributes }) => attributes.includes(attribute));
