"""How files become records: read in constant memory, checked row by row, merged in batches. It knows no business."""
