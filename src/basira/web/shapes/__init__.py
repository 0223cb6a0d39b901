"""The JSON of the API, one file per noun. docs/api.md in Pydantic: snake_case, times in microseconds UTC (``_us``)."""
