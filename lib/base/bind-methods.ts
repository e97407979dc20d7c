/**
 * Binds an object's methods to it and returns it: they then work detached, behind a Proxy, and as a prototype's. For
 * objects that are created once, since it looks up each method by name.
 */
export function bindMethods<T extends object>(object: T): T {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(object) as object)
  for (const [name, { value }] of Object.entries<PropertyDescriptor>(methods)) {
    if (typeof value === 'function') Reflect.set(object, name, value.bind(object))
  }
  return object
}
