// The arithmetic of restocking: what is low, how urgent it is, how much to order, and from whom. Pure; the numbers are those
// of the specification.
import { z } from 'zod'
import type { Supplier } from './context.ts'

export const productList = z.object({
  products: z.array(
    z.object({
      id: z.int(),
      title: z.string(),
      category: z.string(),
      price: z.number(),
      stock: z.int(),
    }),
  ),
})
export type Product = z.output<typeof productList>['products'][number]

const reorderListMax = 10
const usualQuantity = 50

/** Perishables run out first; what is heavy can wait. */
const weights: Readonly<Record<string, number>> = {
  groceries: 3,
  'home-decoration': 3,
  beauty: 2,
  fragrances: 2,
  furniture: 1,
}
const weightOfOthers = 1.5

const quantityFactors: Readonly<Record<string, number>> = { groceries: 2, furniture: 0.5 }

export function identifyLowStock(
  products: readonly Product[],
  { threshold, category }: { readonly threshold: number; readonly category?: string | undefined },
) {
  const looked = products.filter((each) => category === undefined || each.category === category)
  const priorityOf = (each: Product): number =>
    (threshold - each.stock) * (weights[each.category] ?? weightOfOthers)
  const low = looked
    .filter(({ stock }) => stock <= threshold)
    .toSorted((a, b) => priorityOf(b) - priorityOf(a))
  return {
    total_products_analyzed: looked.length,
    low_stock_count: low.length,
    threshold_used: threshold,
    low_stock_products: low,
    priority_reorder_list: low.slice(0, reorderListMax).map((each) => {
      const suggested_quantity = usualQuantity * (quantityFactors[each.category] ?? 1)
      return {
        product_id: each.id,
        title: each.title,
        category: each.category,
        current_stock: each.stock,
        suggested_quantity,
        estimated_cost: cents(each.price * suggested_quantity),
        urgency: urgencyOf(each.stock),
      }
    }),
  }
}

export type LowStock = ReturnType<typeof identifyLowStock>

function urgencyOf(stock: number): 'critical' | 'high' | 'medium' | 'low' {
  if (stock === 0) return 'critical'
  if (stock <= 5) return 'high'
  return stock <= 10 ? 'medium' : 'low'
}

/** One order for each supplier that is needed, and what nobody supplies. */
export function ordersBySupplier(
  { priority_reorder_list }: LowStock,
  suppliers: readonly Supplier[],
) {
  const orders = suppliers.flatMap(({ id, categories }) => {
    const lines = priority_reorder_list.filter(({ category }) => categories.includes(category))
    if (lines.length === 0) return []
    const order = {
      supplier: id,
      lines: lines.map((line) => ({
        product_id: line.product_id,
        title: line.title,
        quantity: line.suggested_quantity,
        estimated_cost: line.estimated_cost,
      })),
      estimated_cost: costOf(lines),
    }
    return [order]
  })
  const supplied = suppliers.flatMap(({ categories }) => categories)
  return {
    orders,
    without_supplier: priority_reorder_list
      .filter(({ category }) => !supplied.includes(category))
      .map(({ product_id }) => product_id),
    estimated_cost: costOf(orders),
  }
}

export type RestockOrders = ReturnType<typeof ordersBySupplier>

const costOf = (parts: readonly { readonly estimated_cost: number }[]): number =>
  cents(parts.reduce((sum, { estimated_cost }) => sum + estimated_cost, 0))

const cents = (amount: number): number => Math.round(amount * 100) / 100
