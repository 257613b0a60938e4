project = "Kettle"
html_js_files = [("https://help.example.com/widget.js?mode=button", {"defer": "defer"})]
