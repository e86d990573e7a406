// The products of the shop: what a database would hold.

export interface Product {
  readonly id: number
  readonly name: string
  readonly priceCents: number
  readonly stock: number
}

const products: readonly Product[] = [
  { id: 1, name: 'Widget A', priceCents: 2_999, stock: 100 },
  { id: 2, name: 'Widget B', priceCents: 4_999, stock: 100 },
  { id: 3, name: 'Widget C', priceCents: 1_999, stock: 0 },
]

export function findProduct(id: number): Product | null {
  return products.find((product) => product.id === id) ?? null
}
