"""How files become records: rows read in constant memory, checked one by one, merged in batches. It knows no business."""
