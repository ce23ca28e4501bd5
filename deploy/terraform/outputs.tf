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
