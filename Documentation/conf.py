# SPDX-License-Identifier: MIT
#
# For Sphinx, which "make htmldocs" runs. The pages read well without it.

project = 'hz3'
author = 'hz3 authors'
master_doc = 'index'
html_theme = 'alabaster'
