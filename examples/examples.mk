# The examples on real data, each with its own warehouse folder. The Makefile includes this file.
EXAMPLES_WAREHOUSE ?= warehouse/examples

.PHONY: example-online-retail example-cdnow

example-online-retail: $(INSTALLED) ## Build UCI's Online Retail into warehouse/examples/online_retail
	$(PYTHON) examples/run_adapter.py online_retail --warehouse $(EXAMPLES_WAREHOUSE)/online_retail
	PORTRAIT_RAW=$(EXAMPLES_WAREHOUSE)/online_retail/raw \
	PORTRAIT_WAREHOUSE=$(EXAMPLES_WAREHOUSE)/online_retail \
	PORTRAIT_TIMEZONE=Europe/London PORTRAIT_CURRENCY=GBP PORTRAIT_AS_OF=2011-12-09 \
	$(PORTRAIT) build

example-cdnow: $(INSTALLED) ## Build CDNOW into warehouse/examples/cdnow
	$(PYTHON) examples/run_adapter.py cdnow --warehouse $(EXAMPLES_WAREHOUSE)/cdnow
	PORTRAIT_RAW=$(EXAMPLES_WAREHOUSE)/cdnow/raw \
	PORTRAIT_WAREHOUSE=$(EXAMPLES_WAREHOUSE)/cdnow \
	PORTRAIT_TIMEZONE=America/New_York PORTRAIT_CURRENCY=USD PORTRAIT_AS_OF=1998-06-30 \
	$(PORTRAIT) build
