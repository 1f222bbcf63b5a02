"""From a person in the register to a signed pass: policy, renewal queue, batches, indexes."""
