"""The bureau's ledgers: read from spreadsheets as offices really fill them, put into records, and given out again.

`tables`, `workbook`, `texts` read cells; `heading`, `columns` find out what stands where; `identity`, `values`, `rows`
say what a cell means; `importing`, `running` put it into the database; `services`, `lacking`, `giving` are what staff
ask of it. Nothing here speaks to citizens.
"""
