locals {
  images    = aws_dynamodb_table.this["images"].arn
  tags      = aws_dynamodb_table.this["image_tags"].arn
  ledger    = aws_dynamodb_table.this["image_ledger"].arn
  bucket    = aws_s3_bucket.images.arn
  uploads   = aws_sqs_queue.uploads.arn
  log_group = "${aws_cloudwatch_log_group.this.arn}:*"

  # A right is one need; each function has those of what it does, and no others. Of the ledger each has
  # its own items alone, so that no other reads the answers kept there.
  rights = {
    observe = [
      { actions = ["logs:CreateLogStream", "logs:PutLogEvents"], resources = ["${local.log_group}"] },
      # X-Ray knows no resources here.
      { actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources = ["*"] },
    ]
    get_record = [
      { actions = ["dynamodb:GetItem"], resources = ["${local.images}"] },
    ]
    # The secret that cursors and links are signed with: made by the first who needs it.
    shared_secret = [
      {
        actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
        resources = ["${local.ledger}"]
        condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["secret#cursors"] } }
      },
    ]
    # Lists, tag counts, and usage.
    list_records = [
      {
        actions   = ["dynamodb:GetItem"]
        resources = ["${local.ledger}"]
        condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["usage#*"] } }
      },
      { actions = ["dynamodb:BatchGetItem"], resources = ["${local.images}", "${local.tags}"] },
      {
        actions = ["dynamodb:Query"]
        resources = [
          "${local.images}/index/UserIndex", "${local.images}/index/StatusIndex",
          "${local.tags}", "${local.tags}/index/TagIndex",
        ]
      },
    ]
    # TransactWriteItems needs the rights of what is in the transaction: the record, its index rows and
    # counts. What else there may be, unlist and give_up have.
    write_record = [
      { actions = ["dynamodb:PutItem"], resources = ["${local.images}"] },
      {
        actions   = ["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["${local.tags}"]
      },
    ]
    # The index rows of an image that goes to the trash, or loses tags.
    unlist = [
      { actions = ["dynamodb:DeleteItem"], resources = ["${local.tags}"] },
    ]
    # The answers to POST requests, kept for those that come again with their Idempotency-Key.
    answer_once = [
      {
        actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        resources = ["${local.ledger}"]
        condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["idempotency#*"] } }
      },
    ]
    remove_record = [
      { actions = ["dynamodb:DeleteItem"], resources = ["${local.images}"] },
    ]
    sweep_records = [
      {
        actions = ["dynamodb:Query"]
        resources = [
          "${local.images}/index/DueIndex", "${local.images}/index/StatusIndex",
          "${local.ledger}/index/ExpiryIndex",
        ]
      },
      {
        actions   = ["dynamodb:DeleteItem"]
        resources = ["${local.ledger}"]
        condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["idempotency#*"] } }
      },
    ]
    # The row that /readyz asks each table for; get_record has it of the third.
    check_tables = [
      {
        actions   = ["dynamodb:GetItem"]
        resources = ["${local.tags}", "${local.ledger}"]
        condition = { "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["probe"] } }
      },
    ]
    # Without the right to list, S3 says 403 instead of 404 of an object that is not there.
    find_objects = [
      { actions = ["s3:ListBucket"], resources = ["${local.bucket}"] },
    ]
    # Whether the user has an image with this content: a row among those of tags. And its bytes: a
    # presigned URL has the rights of who signed it.
    receive = [
      {
        actions   = ["dynamodb:Query"]
        resources = ["${local.tags}"]
        condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["*##sha256:*"] } }
      },
      { actions = ["s3:PutObject"], resources = ["${local.bucket}/incoming/*"] },
    ]
    # Take the lease on an upload, verify what came in, render the ladder, copy the original to its
    # immutable key.
    finish = [
      { actions = ["dynamodb:UpdateItem"], resources = ["${local.images}"] },
      { actions = ["s3:GetObject"], resources = ["${local.bucket}/incoming/*"] },
      { actions = ["s3:PutObject"], resources = ["${local.bucket}/originals/*", "${local.bucket}/renditions/*"] },
    ]
    # An image that has failed, or goes for good: its objects go, and no longer count for its user. A new
    # one counts too, but whoever makes it has to do with failures as well.
    give_up = [
      {
        actions   = ["dynamodb:UpdateItem"]
        resources = ["${local.ledger}"]
        condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["usage#*"] } }
      },
      {
        actions = ["s3:DeleteObject"]
        resources = [
          "${local.bucket}/incoming/*", "${local.bucket}/originals/*", "${local.bucket}/renditions/*",
        ]
      },
    ]
    read_original = [
      { actions = ["s3:GetObject"], resources = ["${local.bucket}/originals/*"] },
    ]
    render = [
      {
        actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        resources = ["${local.bucket}/renditions/*"]
      },
    ]
    # Whether the bytes of an upload that comes back from the trash have arrived.
    look_for_upload = [
      { actions = ["s3:GetObject"], resources = ["${local.bucket}/incoming/*"] },
    ]
    receive_events = [
      {
        actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        resources = ["${local.uploads}"]
      },
    ]
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = "${local.prefix}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  role = aws_iam_role.function[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for right in flatten([for name in each.value.rights : local.rights[name]]) :
      merge(
        { Effect = "Allow", Action = right.actions, Resource = right.resources },
        { for name, value in right : "Condition" => value if name == "condition" },
      )
    ]
  })
}
