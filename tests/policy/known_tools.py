"""Names of tools as well-known public MCP servers and APIs have them, by what they do: facts to read names by, not a
list that the product knows. A class with `/` may be read as either."""

_READ = """
filesystem: read_file read_text_file read_media_file read_multiple_files list_directory list_directory_with_sizes
directory_tree search_files get_file_info list_allowed_directories
git: git_status git_diff_unstaged git_diff_staged git_diff git_log git_show
memory: read_graph search_nodes open_nodes
web: fetch brave_web_search brave_local_search tavily-search tavily-extract firecrawl_scrape firecrawl_search
web_search_exa crawling_exa maps_search_places maps_place_details resolve-library-id get-library-docs query-docs
time: get_current_time convert_time
github: search_repositories get_file_contents list_commits list_issues search_code search_issues search_users get_issue
get_pull_request list_pull_requests get_pull_request_files get_pull_request_status get_pull_request_comments
get_pull_request_reviews get_me list_branches list_tags get_commit get_job_logs list_workflow_runs list_notifications
get_notification_details download_workflow_run_artifact list_code_scanning_alerts get_secret_scanning_alert
list_discussions get_discussion_comments issue_read pull_request_read list_releases get_latest_release
gitlab: get_merge_request list_merge_requests get_project list_projects mr_discussions list_pipeline_jobs
slack: slack_list_channels slack_get_channel_history slack_get_thread_replies slack_get_users slack_get_user_profile
conversations_history conversations_replies conversations_search_messages channels_list conversations.history users.list
notion: API-get-user API-get-users API-retrieve-a-page API-get-block-children API-retrieve-a-comment notion-search
notion-fetch notion-get-comments notion-get-users API-post-search API-post-database-query
linear: get_project list_comments list_cycles search_documentation linear_search_issues linear_get_user_issues
atlassian: jira_search jira_get_issue jira_get_transitions jira_download_attachments jira_get_worklog confluence_search
confluence_get_page confluence_get_comments getJiraIssue searchJiraIssuesUsingJql lookupJiraAccountId getConfluencePage
getTransitionsForJiraIssue getVisibleJiraProjects
google: search_emails read_email list_email_labels download_attachment search_gmail_messages get_gmail_message_content
list-calendars list-events search-events get-event get-freebusy list-colors gdrive_search gdrive_read_file
search_drive_files get_drive_file_content list_drive_items read_sheet_values get_doc_content
microsoft: list-mail-messages get-mail-message list-folder-files get-calendar-view get-excel-range list-chat-messages
stripe: list_customers retrieve_balance list_payment_intents list_subscriptions list_disputes list_invoices list_coupons
search_stripe_resources fetch_stripe_resources list_refunds get_order get_dispute list_transactions
crm: hubspot-list-objects hubspot-search-objects hubspot-batch-read-objects hubspot-get-user-details
salesforce_query_records salesforce_search_objects salesforce_describe_object salesforce_read_apex
databases: query read_query list_tables describe_table list_schemas get_object_details explain_query analyze_db_health
get_top_queries list_extensions get_logs find count aggregate collection-schema db-stats list-databases
sentry: find_organizations get_issue_details search_events find_releases whoami find_projects
browser: browser_navigate browser_snapshot browser_take_screenshot browser_console_messages browser_network_requests
puppeteer_navigate puppeteer_screenshot
desks: get_ticket get_tickets get_ticket_comments search_conversations get_conversation get-products get-order-by-id
get-customer-orders list_records search_records get_record list_bases asana_search_tasks asana_get_task
asana_get_task_stories get_lists get_cards_by_list_id get_my_cards get_board_members get_recent_activity
chats: discord_read_messages discord_get_server_info get_messages list_messages search_contacts list_chats get_chat
download_media lookup_phone_number
machines: kubectl_get kubectl_describe kubectl_logs list_containers list_processes read_process_output get_positions
get_account_info get_stock_quote get_deployment_build_logs list_incidents query_prometheus search_dashboards
"""

_EFFECTS = {
    "create/update": """
filesystem: write_file create_directory
memory: create_entities create_relations add_observations
git: git_add git_create_branch
github: create_or_update_file create_repository create_issue create_pull_request create_branch
create_gist update_gist issue_write sub_issue_write
gitlab: create_merge_request create_label create_milestone create_wiki_page
notion: API-patch-block-children notion-create-pages notion-update-page
 notion-create-database
linear: create_project save_issue linear_create_issue
atlassian: jira_create_issue jira_batch_create_issues jira_add_worklog jira_create_issue_link jira_link_to_epic
confluence_create_page confluence_add_label createJiraIssue addWorklogToJiraIssue createConfluencePage
google: draft_email create_label get_or_create_label create_filter create-event create_drive_file modify_sheet_values
draft_gmail_message create_doc
microsoft: create-draft-email create-calendar-event upload-file-content create-todo-task create-excel-chart
stripe: create_customer create_product create_price create_coupon
crm: hubspot-batch-create-objects hubspot-create-engagement hubspot-create-property salesforce_write_apex
databases: create_table append_insight insert-many create-index create-collection set
sentry: create_team create_dsn
desks: create_ticket create-product create_record create_field upload_attachment asana_create_task asana_create_subtask
asana_add_task_dependencies add_card_to_list add_list_to_board create_checklist add_checklist_item attach_file_to_card
chats: discord_create_text_channel discord_create_webhook create_group create_channel reminders.add
todoist: todoist_create_task add-tasks
""",
    "update": """
filesystem: edit_file move_file
git:
github: update_issue update_pull_request_branch mark_all_notifications_read assign_copilot_to_issue

linear: update_issue update_project
atlassian: jira_update_issue jira_transition_issue confluence_update_page editJiraIssue transitionJiraIssue
updateConfluencePage
google: modify_email update_label batch_modify_emails update-event modify_gmail_message_labels
microsoft: move-mail-message update-calendar-event
stripe: update_subscription update_dispute
crm: hubspot-batch-update-objects
databases: update-many rename-collection pause_project edit_block
desks: update_ticket update-order update_records update_table asana_update_task move_card
update_card_details assign_member_to_card
chats: edit_message pin_message mark_as_read block_user promote_admin chat.update notion-move-pages
machines: kubectl_scale todoist_complete_task complete-tasks
""",
    "create/update/delete": """
others: set_config_value asana_set_parent_for_task set_active_board reset_branch
""",
    "create/post": """
others: add_private_note pull_request_review_write save_comment API-post-page
""",
    "pay/update": """
others: confirm_payment_intent
""",
    "delete": """
memory: delete_entities delete_observations delete_relations
github: delete_file delete_workflow_run_logs cancel_workflow_run dismiss_notification
gitlab: delete_branch delete_wiki_page cancel_pipeline
slack: chat.delete conversations.kick conversations.archive
notion: API-delete-a-block
atlassian: jira_delete_issue jira_remove_issue_link jira_remove_watcher confluence_delete_page
google: delete_email batch_delete_emails delete_label delete-event delete_filter trash_file
microsoft: delete-mail-message delete-calendar-event delete-onedrive-file
stripe: cancel_subscription cancel_sent_invoice
databases: delete drop-database drop-collection delete-many delete_branch
desks: delete_records asana_delete_task archive_card archive_list
chats: discord_delete_channel discord_delete_message delete_message ban_user kick_member ban_member
machines: kubectl_delete remove_container kill_process force_terminate cancel_order_by_id
kv_namespace_delete r2_bucket_delete discard_run todoist_delete_task delete-object
""",
    "send": """
google: send_email send_gmail_message
microsoft: send-mail send-chat-message reply-to-chat-message forward-mail-message
chats: discord_send discord_send_webhook_message send_message send-message forward_message reply_to_message send_file
send_audio_message send_sms create_message CreateMessage TwilioApiV2010--CreateMessage send-email sendMessage
stripe: send_invoice send_invoice_reminder
""",
    "send/post": """
slack: slack_post_message slack_reply_to_thread chat.postMessage conversations_add_message chat_post_message
microsoft: send-channel-message
desks: reply_conversation create_ticket_comment discord_reply_to_forum
""",
    "post": """
github: add_issue_comment create_pull_request_review add_comment_to_pending_review add_pull_request_review_comment
add_discussion_comment
notion: API-create-a-comment notion-create-comment
linear: create_comment linear_add_comment
atlassian: jira_add_comment confluence_add_comment addCommentToJiraIssue createConfluenceFooterComment
desks: add_comment create_tweet post_tweet discord_create_forum_post asana_create_task_comment
""",
    "pay": """
stripe: create_refund pay_order create_payment create-payment createPayment refund_payment
others: send_money transfer_funds wallet_transfer buy_domain place_stock_order place_crypto_order place_order
create_payout create_transfer purchase_phone_number
""",
    "invite": """
slack: conversations.invite
chats: invite_to_group invite_user add_collaborator add_team_member invite_member_to_board add_user_to_group
""",
    "share": """
google: share_drive_file share_file create_permission
""",
    "run": """
github: merge_pull_request run_workflow rerun_workflow_run rerun_failed_jobs
gitlab: merge_merge_request retry_pipeline
databases: execute_sql deploy_edge_function merge_branch salesforce_execute_anonymous
browser: browser_run_code browser_install
machines: run_container execute_command start_process install_helm_chart run_command bash_execute
deploy_to_vercel call_aws start_container restart_service execute_python run_code trigger_workflow
""",
}

_SILENT = """
browser: browser_click browser_type browser_fill_form browser_press_key browser_select_option browser_drag
browser_file_upload browser_handle_dialog puppeteer_click puppeteer_fill
desks: manage_event respond-to-event salesforce_dml_records manage_project manage_notification_subscription
machines: kubectl_apply interact_with_process HassTurnOn HassTurnOff HassLightSet stop_container kubectl_rollout
scale_dynos close_position close_all_positions write_query finalize_invoice
git: git_reset push_files request_copilot_review accept_dispute_claim approve_merge_request slack_add_reaction
others: git_commit git_init fork_repository API-patch-page notion-duplicate-page apply_migration git_checkout
star_repository unstar_repository format-excel-range sort-excel-range restore_project kubectl_patch
resolve_incident uninstall_helm_chart browser_evaluate puppeteer_evaluate exec_in_pod
chats: leave_chat discord_login discord_add_reaction timeout_member make_call subscribe join_channel
"""
"""Effects whose class is a matter of taste: none of them only reads."""


def _names(text: str) -> list[str]:
    return [word for word in text.split() if not word.endswith(":")]


READ = _names(_READ)
EFFECTS = [(name, of) for of, text in _EFFECTS.items() for name in _names(text)]
SILENT = _names(_SILENT)
