/**
 * Binds the methods of an object to it and gives it back: they then work where they are taken off it, behind a Proxy,
 * and as a prototype's. For objects that are made once: it looks each method up by name.
 */
export function bindMethods<T extends object>(object: T): T {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object) as object)
  for (const [name, { value }] of Object.entries<PropertyDescriptor>(methods)) {
    if (typeof value === 'function') Reflect.set(object, name, value.bind(object))
  }
  return object
}
