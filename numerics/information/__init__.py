"""Information measures of finite joint laws."""
