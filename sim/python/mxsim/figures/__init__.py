"""Pictures of results: matplotlib figures from the JSON and CSV that the commands write."""
