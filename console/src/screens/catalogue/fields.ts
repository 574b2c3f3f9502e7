/** What a column of a product file may be; others go into `attributes.`, under a name of one's own. */
export const fields = ['id', 'title', 'description', 'url', 'image', 'brand', 'category', 'price', 'listPrice', 'cost', 'salePrice', 'salePriceEffectiveDate', 'currency',
  'stock', 'availability', 'hidden', 'item_group_id', 'locale', 'attributes.color', 'attributes.size', 'attributes.material', 'attributes.gender', 'attributes.gtin']
