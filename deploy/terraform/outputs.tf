output "api_url" {
  value = aws_api_gateway_stage.this.invoke_url
}

output "bucket_name" {
  value = aws_s3_bucket.images.id
}

output "table_prefix" {
  description = "The setting dynamodb.table_prefix."
  value       = "${local.prefix}-"
}

output "images_table" {
  value = aws_dynamodb_table.this["images"].name
}

output "image_tags_table" {
  value = aws_dynamodb_table.this["image_tags"].name
}

output "image_ledger_table" {
  value = aws_dynamodb_table.this["image_ledger"].name
}

output "upload_queue_url" {
  value = aws_sqs_queue.uploads.url
}

output "dead_letter_queue_url" {
  value = aws_sqs_queue.dead_letters.url
}

output "log_group_name" {
  value = aws_cloudwatch_log_group.this.name
}

output "alarm_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "dashboard_url" {
  value = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards:name=${local.prefix}"
}
