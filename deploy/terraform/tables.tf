locals {
  # Keys are texts: the partition's, then the sort key.
  tables = {
    images = {
      keys = ["image_id"]
      indexes = {
        UserIndex   = { keys = ["user_status", "listed_at"], projection = "ALL" }
        StatusIndex = { keys = ["status_shard", "listed_at"], projection = "ALL" }
        DueIndex    = { keys = ["due_shard", "due_at"], projection = "ALL" }
      }
      ttl = ""
    }
    image_tags = {
      keys = ["list", "listed_at"]
      indexes = {
        TagIndex = { keys = ["tag_shard", "listed_at"], projection = "ALL" }
      }
      ttl = ""
    }
    image_ledger = {
      keys = ["key"]
      indexes = {
        ExpiryIndex = { keys = ["expiry_shard", "expires_at"], projection = "KEYS_ONLY" }
      }
      ttl = "ttl"
    }
  }
}

# Without server_side_encryption tables are encrypted by a key that AWS owns.
resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${local.prefix}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.keys[0]
  range_key                   = try(each.value.keys[1], null)
  deletion_protection_enabled = var.protected

  dynamic "attribute" {
    for_each = toset(flatten([each.value.keys, [for index in each.value.indexes : index.keys]]))
    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.keys[0]
      range_key       = global_secondary_index.value.keys[1]
      projection_type = global_secondary_index.value.projection
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl == "" ? [] : [each.value.ttl]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }
}
