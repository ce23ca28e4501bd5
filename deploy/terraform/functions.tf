locals {
  # One artefact, told apart by TINTYPE_LAMBDA_FUNCTION. Rights: rights.tf.
  functions = {
    # Batches hold every operation, and a form brings its bytes: this function may do all of that.
    upload = {
      imaging = true
      timeout = 29
      rights = ["observe", "get_record", "write_record", "answer_once", "unlist", "remove_record",
      "find_objects", "receive", "finish", "give_up"]
    }
    # Lists; what they are made of is in the tables alone.
    list = { imaging = false, timeout = 29, rights = ["observe", "get_record", "shared_secret", "list_records"] }
    # One image; and what no other function answers (api.tf).
    get = { imaging = false, timeout = 29, rights = ["observe", "get_record"] }
    # Signs.
    download = {
      imaging = false
      timeout = 29
      rights  = ["observe", "get_record", "shared_secret", "read_original"]
    }
    # Answers with a redirect to the stored object, so that size does not matter.
    rendition = {
      imaging = true
      timeout = 29
      rights  = ["observe", "get_record", "shared_secret", "find_objects", "read_original", "render"]
    }
    # The record alone.
    update = { imaging = false, timeout = 29, rights = ["observe", "get_record", "write_record", "unlist"] }
    # Into the trash, out of it, and away.
    delete = {
      imaging = false
      timeout = 29
      rights = ["observe", "get_record", "write_record", "answer_once", "unlist", "remove_record",
      "find_objects", "look_for_upload", "give_up"]
    }
    # Finishes uploads: when S3 tells of them, and when a client asks. /readyz too.
    process = {
      imaging = true
      timeout = 60
      rights = ["observe", "get_record", "write_record", "answer_once", "find_objects", "finish",
      "give_up", "receive_events", "check_tables"]
    }
    # Expires, finishes and purges.
    janitor = {
      imaging = true
      timeout = 240
      rights = ["observe", "get_record", "write_record", "remove_record", "sweep_records", "find_objects",
      "finish", "give_up"]
    }
  }

  settings = {
    TINTYPE_STORE                 = "aws"
    TINTYPE_S3_BUCKET             = aws_s3_bucket.images.id
    TINTYPE_DYNAMODB_TABLE_PREFIX = "${local.prefix}-"
    TINTYPE_AUTH_MODE             = var.auth_mode
    TINTYPE_LOG_LEVEL             = var.log_level
    # A function handles one request at a time; an image must be done before API Gateway gives up.
    TINTYPE_IMAGING_WORKERS = "1"
    TINTYPE_IMAGING_TIMEOUT = "20s"
  }
  optional_settings = {
    TINTYPE_PUBLIC_URL   = var.public_url
    TINTYPE_CORS_ORIGINS = join(",", var.cors_origins)
  }
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name    = "${local.prefix}-${each.key}"
  role             = aws_iam_role.function[each.key].arn
  filename         = var.artefact
  source_code_hash = filebase64sha256(var.artefact)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = ["x86_64"]
  memory_size      = each.value.imaging ? var.imaging : var.small
  timeout          = each.value.timeout
  depends_on       = [aws_iam_role_policy.function]

  environment {
    variables = merge(
      local.settings,
      { for name, value in local.optional_settings : name => value if value != "" },
      { TINTYPE_LAMBDA_FUNCTION = each.key },
    )
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/tintype/${local.prefix}"
  retention_in_days = var.log_days
}

resource "aws_lambda_event_source_mapping" "uploads" {
  event_source_arn        = aws_sqs_queue.uploads.arn
  function_name           = aws_lambda_function.this["process"].arn
  batch_size              = 1 # an image may take seconds of a whole core
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.parallel
  }
}

resource "aws_cloudwatch_event_rule" "janitor" {
  name                = "${local.prefix}-janitor"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_target" "janitor" {
  rule = aws_cloudwatch_event_rule.janitor.name
  arn  = aws_lambda_function.this["janitor"].arn
}

resource "aws_lambda_permission" "janitor" {
  function_name = aws_lambda_function.this["janitor"].function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.janitor.arn
}
